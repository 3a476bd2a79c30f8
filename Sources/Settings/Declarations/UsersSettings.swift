package struct UsersSettings: SettingGroup {
  package static let title = "Users"

  package let erasureGrace = Setting(
    "USERS_ERASURE_GRACE", .duration(in: .zero ... .seconds(365 * 86_400)), default: "14d", by: [.users],
    "How long a deleted user's name, address and password hash stay before they are overwritten; 0s: not at all.")
  package let passwordBlocklist = Setting(
    "PASSWORD_BLOCKLIST", .text, absent: "the 11,609 in the program only", by: [.users],
    "A file of passwords that are refused, one a line, beside those in the program.")
}
