import ArgumentParser
import Foundation
import Postgres
import ServiceContract
import ServiceStore
import Settings
import Users

/// The way to a first manager, whom nobody else could make one.
struct AddManager: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add-manager",
    abstract: "Register a manager.",
    discussion: """
      The password is asked for twice on a terminal, else read from standard input up to its first line's end; it is never \
      an argument, which everybody on the machine could read. The registration is told to Kafka by the next `users serve`.

      Exit status: 0 when the manager is there, 1 when not: the address is taken, the password is not accepted, the \
      database cannot be reached.
      """)

  private static let longest = Duration.seconds(10)

  @Option(help: "The e-mail address to log in with.")
  var email: String

  @Option(help: "The given name.")
  var name: String

  @Option(help: "The surname.")
  var surname: String

  func run() async throws {
    let settings = Settings()
    let database = try settings.postgres(\.databases.users, as: "users")
    let (name, surname) = (try named("name", name), try named("surname", surname))
    let address = try self.address()
    let registration = Registration(
      name: name, surname: surname, email: address, password: Password(try PasswordPrompt.read()))
    let store = UserStore(
      pool: PostgresPool(database, connections: 1), outbox: OutboxWriter(), signal: OutboxSignal())
    let hasher = PasswordHasher()
    defer { hasher.close() }
    let registrar = Registrar(
      store: store, hasher: hasher, policy: PasswordPolicy(blocklist: try settings.passwordBlocklist()))
    do {
      let account = try await registrar.register(
        registration, isManager: true, at: RequestClock.wallClock(), until: .now + Self.longest)
      print("manager \(account.id) is registered")
    } catch AccountProblem.emailTaken {
      throw Refusal(description: "Somebody is registered with this e-mail address already.")
    } catch AccountProblem.badPassword(let objection) {
      throw Refusal(description: "The password is not accepted: \(objection.reason).")
    }
    await store.close()
  }

  private struct Refusal: Error, CustomStringConvertible {
    let description: String
  }

  private func named(_ option: String, _ text: String) throws -> PersonName {
    do { return try PersonName(text) } catch { throw ValidationError("--\(option): \(error)") }
  }

  private func address() throws -> EmailAddress {
    do { return try EmailAddress(email) } catch { throw ValidationError("--email: \(error)") }
  }
}
