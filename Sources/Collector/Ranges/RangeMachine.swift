import Kafka

// The delivery promise, as a state machine of one partition. No I/O, no clock: the owner asks for the next step, does
// it, and says what came of it. docs/delivery.md tells why it holds; the rules it keeps are:
//
//  1. A partition's rows go in as a chain of ranges, [0, a), [a, b), [b, c) …, each one INSERT under a token made of its
//     coordinates. The ledger (`ranges` in ClickHouse) holds the chain.
//  2. A range is *claimed* before it is inserted: its row is written, then the ledger is read back, and the first row
//     ever written for that `from` wins. The winner's `to` is the range's end for ever, for whoever comes.
//  3. The next range is claimed only when the one before is known to be in. So all ranges but the last are in.
//  4. The offset committed to Kafka is only ever the end of a range that is in.
//  5. Who takes a partition over repeats the last range with its own token, unless the committed offset is its very end. An
//     offset beyond it is somebody's who moved it, and says nothing. ClickHouse drops what it has; table and views each
//     drop, or take, their own share. The blocks, and where each ends, depend on the messages alone
//     (`CollectorLimits.borderRule`), for a server may tell the same rows in other blocks for others.
//  6. Every INSERT carries a lease: ClickHouse refuses to begin it after a moment by its own clock, and in any run of the
//     server but the one in which the lease was written (`Recovery`). A sleeper that wakes, and
//     whoever does not know what became of an INSERT, must first write the new lease down, see to it that no INSERT of the
//     range is under way any more, and prove to the group that it is still a member (`renew`). So no INSERT comes so late
//     that the deduplication window has forgotten the token.
//  7. Where a token does not hold (ClickHouse was started since the claim, another decoder made other rows or blocks, messages
//     are gone, the window has moved on), the range is *reconciled*: when every lease of others is over, by their rows in the ledger, and no INSERT of the range
//     is under way, only rows whose offsets are in neither table are inserted, and what is in already is sent again for the
//     views' sake (`ReconcileEpoch`). A mark in the ledger comes first, so that whoever follows reconciles too.
//
//        take over ─→ repeating ──build──→ renewing ─→ inserting ─────→ finishing ─→ filling
//                        ↑    └─(token does not hold)→ marking ─→ reconciling ─┘        │ flush
//                        └──────── lost to another ←── claiming ←── build ──────────────┘
package struct RangeMachine: Sendable {
  package enum State: Sendable, Equatable {
    /// Messages from this offset on are gathered for a range that nobody has claimed.
    case filling(from: Int64)
    /// The range is claimed already, by an earlier owner or a faster one; its messages are gathered up to its end.
    case repeating(RangeIntent, trusted: Bool)
    case claiming(RangeIntent)
    case renewing(RangeIntent)
    case inserting(RangeIntent, Lease)
    case marking(RangeIntent)
    case reconciling(RangeIntent, Lease)
    case finishing(RangeIntent)
    /// Nothing more is done until an operator has acted.
    case halted(String)
  }

  /// What the owner does next.
  package enum Step: Sendable, Equatable {
    /// Wait for messages or the flush interval.
    case wait
    /// Decode buffered messages from `from` on, ending before `to` where it is given.
    case build(from: Int64, to: Int64?)
    /// Write the intent to the ledger and read back who was first.
    case claim(RangeIntent)
    /// Prove membership to the group, write a new lease down, end what is under way, prove membership again.
    case renew(RangeIntent)
    /// Insert dead letters, then events, both under the token and the lease.
    case insert(RangeIntent, Lease)
    /// Wait until every lease of others is over, mark the range in the ledger, then renew as above.
    case mark(RangeIntent)
    /// Insert, under the lease, only what neither table has.
    case reconcile(RangeIntent, Lease)
    /// Commit the range's end, drop its messages.
    case finish(RangeIntent)
    case halt(String)
  }

  /// What came of a step.
  package enum Outcome: Sendable, Equatable {
    /// The messages of `range`, decoded. Where an end was asked for, `range` reaches it.
    case built(RangeIntent)
    /// The first row of the ledger for this `from`, ours or not, and the lease that began when it was written.
    case claimed(first: LedgerEntry, Lease)
    /// A new lease, and the range's entry as it was read before the proof.
    case renewed(Lease, LedgerEntry)
    case marked(Lease)
    case written
    /// ClickHouse refused to begin: the lease is over.
    case leaseOver
    case finished
    /// Not done, or not known to be done.
    case failed
    /// It can never succeed as it is.
    case refused(String)
  }

  package private(set) var state: State
  private let window: UInt64

  /// Takes a partition over.
  /// - Parameters:
  ///   - tail: the last claimed range; nil when the ledger has none.
  ///   - committed: the group's offset, nil when it has none. At the end of `tail` it says that all below is in; anywhere
  ///     else it says nothing.
  ///   - logEnd: the offset the partition's next message will get.
  ///   - window: parts that every table's deduplication window surely remembers.
  package init(partition: TopicPartition, tail: LedgerEntry?, committed: Int64?, logEnd: Int64, window: UInt64) {
    self.window = window
    guard let tail else {
      // The chain's first range begins at 0 whatever the log still holds, so that two first owners claim the same one.
      state = .filling(from: 0)
      return
    }
    let last = tail.intent.range
    if last.to > logEnd {
      state = .halted(
        """
        \(partition) ends at offset \(logEnd), but its rows in ClickHouse reach \(last.to): the topic was deleted and \
        made anew, or its log lost its end. Give the new topic a new name, or forget the old rows and ranges of it.
        """)
    } else if committed == last.to {
      state = .filling(from: last.to)
    } else {
      state = .repeating(tail.intent, trusted: tail.tokenHolds(window: window))
    }
  }

  /// The offset to read from.
  package var readFrom: Int64 {
    switch state {
    case .filling(let from): from
    case .repeating(let intent, _), .claiming(let intent), .renewing(let intent), .inserting(let intent, _),
      .marking(let intent), .reconciling(let intent, _):
      intent.range.from
    case .finishing(let intent): intent.range.to
    case .halted: -1
    }
  }

  /// Whether messages that come now may be encoded before their range is cut, and the offset to stop before.
  package var gathering: (yes: Bool, to: Int64?) {
    switch state {
    case .filling: (true, nil)
    case .repeating(let intent, _): (true, intent.range.to)
    default: (false, nil)
    }
  }

  /// The step to do now.
  /// - Parameters:
  ///   - bufferedTo: one past the newest buffered message's offset; at or below the range's start when none is.
  ///   - due: the flush interval, row or byte limit is reached.
  package func step(bufferedTo: Int64, due: Bool) -> Step {
    switch state {
    case .filling(let from): due && bufferedTo > from ? .build(from: from, to: nil) : .wait
    case .repeating(let intent, _):
      bufferedTo >= intent.range.to ? .build(from: intent.range.from, to: intent.range.to) : .wait
    case .claiming(let intent): .claim(intent)
    case .renewing(let intent): .renew(intent)
    case .inserting(let intent, let lease): .insert(intent, lease)
    case .marking(let intent): .mark(intent)
    case .reconciling(let intent, let lease): .reconcile(intent, lease)
    case .finishing(let intent): .finish(intent)
    case .halted(let why): .halt(why)
    }
  }

  /// Takes in what came of the step.
  package mutating func take(_ outcome: Outcome) {
    switch (state, outcome) {
    case (.filling(let from), .built(let ours)):
      precondition(ours.range.from == from && ours.range.to > from, "a range begins where the last one ended")
      state = .claiming(ours)
    case (.repeating(let theirs, let trusted), .built(let ours)):
      precondition(ours.range == theirs.range, "a claimed range is never cut anew")
      // Only the very same rows may go in under the old token; else what differs would be dropped unseen.
      state = trusted && ours.sameRows(as: theirs) ? .renewing(ours) : .marking(ours)
    case (.claiming(let ours), .claimed(let first, let lease)):
      precondition(first.intent.range.from == ours.range.from, "the ledger answers for the range asked for")
      state =
        first.intent.writer == ours.writer && first.intent.sameRows(as: ours)
        ? .inserting(ours, lease) : .repeating(first.intent, trusted: first.tokenHolds(window: window))
    case (.renewing(let intent), .renewed(let lease, let entry)):
      state = entry.tokenHolds(window: window) ? .inserting(intent, lease) : .marking(intent)
    case (.inserting(let intent, _), .leaseOver), (.inserting(let intent, _), .failed): state = .renewing(intent)
    case (.marking(let intent), .marked(let lease)): state = .reconciling(intent, lease)
    case (.reconciling(let intent, _), .leaseOver): state = .marking(intent)
    case (.inserting(let intent, _), .written), (.reconciling(let intent, _), .written): state = .finishing(intent)
    case (.finishing(let intent), .finished): state = .filling(from: intent.range.to)
    case (_, .failed): break
    case (_, .refused(let why)): state = .halted(why)
    default: preconditionFailure("\(outcome) cannot come of \(state)")
    }
  }
}
