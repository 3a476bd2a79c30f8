import ObjectStore
import Testing

@Suite struct XMLReaderTests {
  private func read(_ text: String) throws(XMLReader.Failure) -> XMLElement { try XMLReader.read(Array(text.utf8)) }

  @Test func anAnswerOfS3() throws {
    let root = try read(
      """
      <?xml version="1.0" encoding="UTF-8"?>
      <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>cards</Name>
        <Contents><Key> a &amp; b&lt;&#x1F0CF;&#233; </Key><Size>3</Size></Contents>
        <Contents ><Key>é</Key ><Size>0</Size><Owner/></Contents>
        <s:IsTruncated a='1>2'>false</s:IsTruncated>
      </ListBucketResult>
      """)
    #expect(root.name == "ListBucketResult" && root["Name"]?.text == "cards")
    #expect(root.all("Contents").map { $0["Key"]?.text } == [" a & b<🃏é ", "é"])
    #expect(root["IsTruncated"]?.text == "false")
    #expect(root.all("Contents").last?["Owner"] == XMLElement(name: "Owner"))
  }

  @Test func whatIsWrittenIsReadBack() throws {
    for text in ["a&b<c>\"d'", "", " ", "карта 🃏", "&amp;", "]]>"] {
      #expect(try read(XMLElement.text("Key", text)) == XMLElement(name: "Key", text: text))
    }
  }

  @Test(arguments: [
    "", " ", "x", "<", "<a", "<a>", "<a></b>", "<a></a", "<a/><b/>", "<a></a>x", "<a><b></a></b>", "</a>", "<a b></a>",
    "<a b=c></a>", "<a b=\"c></a>", "<a b=\"<\"/>", "<a>&nbsp;</a>", "<a>&amp</a>", "<a>&</a>", "<a>&#0;</a>",
    "<a>&#x110000;</a>", "<a>&#xd800;</a>", "<a>&#;</a>", "<a>&#+5;</a>", "<a>&#99999999999;</a>", "<a>x<b/>y</a>",
    "<a><!-- c --></a>", "<!-- c --><a/>", "<a><![CDATA[x]]></a>", "<a><?pi x?></a>", "<?xml version=\"1.0\"", "< a/>",
    "<1 2/>extra", "<a>\u{0}</a><",
    "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>",
    "<?xml version=\"1.0\"?><!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>",
    "<!DOCTYPE l [<!ENTITY a \"aa\"><!ENTITY b \"&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;\">]><l>&c;</l>",
  ])
  func hostileXMLIsRefused(_ text: String) {
    #expect(throws: XMLReader.Failure.self) { try read(text) }
  }

  @Test func depthIsBounded() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "<a>", count: depth) + String(repeating: "</a>", count: depth)
    }
    _ = try read(nested(XMLReader.greatestDepth))
    #expect(throws: XMLReader.Failure.self) { try read(nested(XMLReader.greatestDepth + 1)) }
    #expect(throws: XMLReader.Failure.self) { try read(String(repeating: "<a>", count: 1_000_000)) }
  }

  @Test func whatIsNotUTF8IsRefused() {
    #expect(throws: XMLReader.Failure.self) { try XMLReader.read(Array("<a>".utf8) + [0xff] + Array("</a>".utf8)) }
  }

  /// No bytes make it do anything but return or throw.
  @Test func anyCutOfAnAnswerIsRefused() throws {
    let whole = Array("<?xml version=\"1.0\"?><A x=\"1\"><B>a&amp;b</B><C/></A>".utf8)
    _ = try XMLReader.read(whole)
    for end in 0..<whole.count {
      #expect(throws: XMLReader.Failure.self) { try XMLReader.read(Array(whole[..<end])) }
    }
    var random = SplitMix(state: 7)
    for _ in 0..<20_000 {
      var bytes = whole
      for _ in 0..<3 { bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next()) }
      _ = try? XMLReader.read(bytes)
    }
  }

  private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9e37_79b9_7f4a_7c15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
      return mixed ^ (mixed >> 31)
    }
  }
}
