module {
  func.func private @f(i32, i32
  func.func private @g()
}
