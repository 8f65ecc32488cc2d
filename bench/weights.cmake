# A weight matrix of 300 MB through one kernel call: how long it takes, how much memory beside the operands, and whether
# that stays below 200 MB.  cmake -D AIRLOCK=build/cli/airlock -P bench/weights.cmake
cmake_path(SET root NORMALIZE ${CMAKE_CURRENT_LIST_DIR}/..)
execute_process(COMMAND ${AIRLOCK} run ${root}/configs/problems/weights_300mb.yaml --json --quiet
                OUTPUT_VARIABLE json COMMAND_ERROR_IS_FATAL ANY)
foreach(key verdict cycles wall_ms check_ms peak_rss_kib mismatches)
  string(JSON ${key} GET "${json}" ${key})
endforeach()
math(EXPR operands "(64 * 12288 * 2 + 12288 * 12288 * 2 + 64 * 12288 * 4) / 1024")
math(EXPR beside "(${peak_rss_kib} - ${operands}) / 1024")
math(EXPR peak "${peak_rss_kib} / 1024")
math(EXPR operands "${operands} / 1024")
message("${verdict}: ${cycles} cycles, simulated in ${wall_ms} ms, checked in ${check_ms} ms, ${mismatches} mismatches")
message("peak memory ${peak} MiB: operands ${operands} MiB and ${beside} MiB beside them")
if(beside GREATER 200)
  message(FATAL_ERROR "more than 200 MiB beside the operands")
endif()
