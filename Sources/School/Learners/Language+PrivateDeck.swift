extension Language {
  /// What somebody notes down for himself.
  var privateDeck: (title: String, cards: [(front: String, back: String)]) {
    switch self {
    case .russian:
      (
        "Мои ошибки",
        [
          ("жи, ши", "пиши с буквой И"), ("Сколько Н в слове «деревянный»?", "две"), ("7 × 8", "56"),
          ("Тысяча метров", "километр"), ("Какой падеж отвечает на вопрос «кем? чем?»", "творительный"),
        ]
      )
    case .english:
      (
        "Things I keep forgetting",
        [
          ("its or it's: “the cat and … tail”", "its"), ("7 × 8", "56"), ("Inches in a foot", "12"),
          ("separate or seperate?", "separate"), ("Days in a leap year", "366"),
        ]
      )
    case .german:
      (
        "Meine Fehler",
        [
          ("das oder dass: „Ich weiß, … er kommt“", "dass"), ("7 · 8", "56"), ("Meter in einem Kilometer", "1000"),
          ("seit oder seid: „Ihr … spät“", "seid"), ("Welcher Fall folgt auf „mit“?", "der Dativ"),
        ]
      )
    }
  }
}
