import Kafka

/// A task of a lane that one worker alone works on until it gives it back.
package struct WorkerJob: Sendable {
  package let partition: TopicPartition
  let assignment: UInt64
  package let task: FlushPolicy.Task
  /// When a worker took the lane.
  let begun: ContinuousClock.Instant

  init(_ lane: Lane, _ task: FlushPolicy.Task, begun: ContinuousClock.Instant) {
    partition = lane.partition
    assignment = lane.assignment
    self.task = task
    self.begun = begun
  }

  /// The next step of the same range.
  init(_ job: WorkerJob, _ step: RangeMachine.Step) {
    partition = job.partition
    assignment = job.assignment
    task = .step(step)
    begun = job.begun
  }
}
