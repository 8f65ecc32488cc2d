module {
  "aie.device"() {device = 4 : i32} : () -> ()
}
