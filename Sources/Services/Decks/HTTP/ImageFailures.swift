import HTTPService
import ObjectStore

/// What a request is told when the images' store fails it.
enum ImageFailures {
  static let unavailable = FailureDeclaration(
    .serviceUnavailable, "IMAGES_UNAVAILABLE", "The images' store cannot be had for now: try again later.")

  static func translate(_ error: ObjectStoreError) -> RequestFailure? {
    // An object that was there a moment ago has gone: somebody else was faster.
    if error == .notFound { return ImageSweepStore.busy.failure(headers: [.retryAfter: "1"]) }
    return error.isUnavailability || error == .cancelled ? unavailable.failure(headers: [.retryAfter: "2"]) : nil
  }
}
