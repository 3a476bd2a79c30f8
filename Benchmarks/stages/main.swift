import Glibc

/// `stages [RUNS]`: what each stage of the collector's hot path costs, beside its floor. `make bench` runs it.
let runs = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 5
StageTable(runs: max(1, runs)).run()
