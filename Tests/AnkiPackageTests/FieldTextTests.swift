import AnkiPackage
import Testing

@Suite struct FieldTextTests {
  private func words(_ html: String) -> String { FieldText(html).words { "{\($0)}" } }

  @Test(arguments: [
    ("plain", "plain"), ("a<br>b", "a\nb"), ("a<br/>b<BR />c", "a\nb\nc"), ("<div>a</div><div>b</div>", "a\nb"),
    ("a<div>b</div>c", "a\nb\nc"), ("<p>a</p>\n<p>b</p>", "a\nb"), ("<b>a</b> <i>b</i>", "a b"), ("a<b>b</b>c", "abc"),
    ("  a \n\t b  ", "a b"), ("a&nbsp;&nbsp;b", "a b"),
    ("&lt;b&gt; &amp;amp; &#39;x&#x27; &hellip;", "<b> &amp; 'x' …"),
    ("R&D &unknown; &; &#xZ; &#1114112;", "R&D &unknown; &; &#xZ; &#1114112;"), ("1 < 2 > 1 <3", "1 < 2 > 1 <3"),
    ("a <b and c", "a <b and c"), ("a<!-- <b>not</b> -->b", "ab"), ("a<!-- open", "a"),
    ("<style>p { color: red }</style>x<script>alert('</b>')</script>y", "xy"), ("<SCRIPT>x</SCRIPT>y", "y"),
    ("<script>never closed", ""), ("<ul><li>a</li><li>b</li></ul>", "a\nb"), ("<td>a</td><td>b</td>", "a b"),
    ("a<br><br><br><br>b<br>", "a\n\nb"), ("<pre>a\n  b</pre>", "a\nb"), ("a[sound:x.mp3]b", "ab"),
    ("[sound:open [anki:tts lang=en]hi", "[sound:open hi"),
    ("[latex]x^2[/latex] \\(y\\)", "[latex]x^2[/latex] \\(y\\)"),
    ("<img src=\"a.png\">", "{0}"), ("x<img alt='>' src='a b.png' >y<IMG SRC=c.png>", "x{0}y{1}"), ("<img>", ""),
    ("nu\0l \u{FFFC}mark", "nul mark"), ("<a href=\"javascript:x\">link</a>", "link"), ("<b", "<b"), ("&", "&"),
    ("<", "<"),
    ("", ""), ("<div><br></div>", ""), ("и\u{0306}", "и\u{0306}"),
  ])
  func htmlBecomesWords(_ html: String, _ expected: String) { #expect(words(html) == expected) }

  @Test func imagesAndSoundsAreNamed() {
    let field = FieldText("<img src=\"a&amp;b.png\"><img class=x src=c.gif><img src='d'>[sound:a][anki:play:q:0]")
    #expect(field.images == ["a&b.png", "c.gif", "d"] && field.sounds == 2 && !field.isEmpty)
    #expect(field.words { _ in "" } == "")
    #expect(FieldText("[sound:a]").isEmpty == false && FieldText(" <br> ").words { _ in "" } == "")
    #expect(FieldText("<b>x</b>").isFormatted && !FieldText("<div>x<br></div>").isFormatted)
  }

  /// However it is made, reading it takes one walk.
  @Test(arguments: [
    "<", "<a ", "<a '", "<a \">", "<a '>'", "<!--", "[sound:", "&", "&#", "<script>", "<img src=", "</", "<img src='\"",
    "<p>",
    "\u{FFFC}",
  ])
  func aMillionBeginningsAreReadOnce(_ beginning: String) {
    let html = String(repeating: beginning, count: (1 << 20) / beginning.utf8.count)
    #expect(words(html).utf8.count <= 4 * html.utf8.count)
  }

  @Test func whateverItIsReadingEnds() {
    var random = SystemRandomNumberGenerator()
    let pieces = [
      "<", ">", "/", "b", "img src=", "\"", "'", "&", ";", "#", "lt", "[sound:", "]", "<!--", "-->", "\n", "й",
    ]
    for _ in 0..<2000 {
      let html = (0..<Int.random(in: 0...30, using: &random)).map { _ in pieces.randomElement(using: &random)! }
        .joined()
      let field = FieldText(html)
      #expect(field.words { _ in "" }.utf8.count <= html.utf8.count, "\(html)")
    }
  }
}
