aie.device(NPUDEVICE) {
}
