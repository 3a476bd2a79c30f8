package struct DatabaseSettings: SettingGroup {
  package static let title = "Postgres"

  package let users = Setting(
    "USERS_DATABASE_URL", localDefault: "postgresql://users:local@localhost:5433/users", by: [.users, .scripts],
    "Database of the users. If set, the scripts start none for them.")
  package let decks = Setting(
    "DECKS_DATABASE_URL", localDefault: "postgresql://decks:local@localhost:5435/decks", by: [.decks, .scripts],
    "Database of decks, cards and learning. If set, the scripts start none for them.")
  package let teaching = Setting(
    "TEACHING_DATABASE_URL", localDefault: "postgresql://teaching:local@localhost:5436/teaching",
    by: [.teaching, .scripts], "Database of courses and enrolments. If set, the scripts start none for them.")
  package let migrations = Setting(
    "POSTGRES_MIGRATIONS", .text, absent: "the folder postgres of the checkout", by: [.users, .decks, .teaching],
    "Folder that holds users/, decks/ and teaching/ with the numbered files of their schemas.")
}
