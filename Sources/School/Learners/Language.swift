import CivilTime

/// A language that people of the school have in common, with the names and time zones of those who speak it.
package enum Language: String, Sendable, CaseIterable {
  case russian = "ru"
  case english = "en"
  case german = "de"

  var zones: [Zone] {
    switch self {
    case .russian:
      Self.zones(["Europe/Moscow", "Europe/Moscow", "Asia/Yekaterinburg", "Asia/Novosibirsk", "Asia/Vladivostok"])
    case .english: Self.zones(["Europe/London", "Europe/London", "America/New_York", "America/Los_Angeles"])
    case .german: Self.zones(["Europe/Berlin", "Europe/Berlin", "Europe/Vienna", "Europe/Zurich"])
    }
  }

  private static func zones(_ names: [String]) -> [Zone] { names.compactMap { Zone($0) } }

  func givenNames(ofWomen: Bool) -> [String] {
    switch (self, ofWomen) {
    case (.russian, true): ["Анна", "Мария", "Елена", "Ольга", "Дарья", "Софья", "Полина", "Ксения", "Вера", "Юлия"]
    case (.russian, false):
      ["Иван", "Алексей", "Дмитрий", "Павел", "Михаил", "Никита", "Артём", "Кирилл", "Глеб", "Роман"]
    case (.english, true): ["Emma", "Olivia", "Alice", "Grace", "Hannah", "Chloe", "Lucy", "Ruby"]
    case (.english, false): ["Oliver", "Jack", "Henry", "Thomas", "Samuel", "Noah", "Adam", "Leo"]
    case (.german, true): ["Lena", "Marie", "Sophie", "Johanna", "Clara", "Greta", "Frieda", "Nora"]
    case (.german, false): ["Jonas", "Felix", "Paul", "Lukas", "Maximilian", "Moritz", "Anton", "Jakob"]
    }
  }

  var surnameCount: Int { surnames.count }

  /// Russian surnames are another word for a woman than for a man.
  func surname(_ index: Int, ofWoman: Bool) -> String {
    let surname = surnames[index]
    return self == .russian && ofWoman ? surname + "а" : surname
  }

  private var surnames: [String] {
    switch self {
    case .russian:
      [
        "Смирнов", "Кузнецов", "Попов", "Соколов", "Лебедев", "Новиков", "Морозов", "Волков", "Зайцев", "Павлов",
        "Голубев", "Виноградов", "Воробьёв", "Фёдоров", "Беляев", "Тарасов",
      ]
    case .english:
      ["Taylor", "Walker", "Wright", "Hughes", "Carter", "Bennett", "Foster", "Murray", "Parker", "Ellis", "Reed"]
    case .german:
      ["Müller", "Schneider", "Fischer", "Weber", "Wagner", "Becker", "Hoffmann", "Schäfer", "Koch", "Richter", "Wolf"]
    }
  }
}
