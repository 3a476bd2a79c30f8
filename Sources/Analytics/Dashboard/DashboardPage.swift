enum DashboardPage {
  static let html = ""
  static let css = ""
  static let script = ""
}
