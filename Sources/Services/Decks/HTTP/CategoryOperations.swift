import HTTPService
import ServiceContract

/// `/api/categories/`: read by everybody, kept by managers. A slug stays what it is: addresses and decks carry it.
struct CategoryOperations: Sendable {
  private static let tag = "categories"

  let categories: CategoryStore

  func add(to api: inout API<CallContext>) {
    api.on(
      APIOperation(
        .get, "/api/categories/", id: "listCategories", "All categories, by slug", tag: Self.tag, access: .anyone,
        success: .json(as: .array(Category.representation), "All of them."))
    ) { _, context in Reply(try await categories.all(until: context.deadline)) }
    api.on(
      APIOperation(
        .post, "/api/categories/", id: "createCategory", "Add a category", tag: Self.tag, access: .manager,
        body: .json(NewCategory.self),
        success: .json(.created, as: Category.representation, "The new category."),
        failures: [CategoryStore.slugTaken, CategoryStore.full])
    ) { call, context in
      Reply(try await categories.create(slug: call.body.slug, name: call.body.name, until: context.deadline))
    }
    api.on(
      APIOperation(
        .patch, "/api/categories/{id}", id: "renameCategory", "Rename a category", tag: Self.tag, access: .manager,
        path: IDPath.self, body: .json(CategoryChange.self),
        success: .json(as: Category.representation, "As it is now."), failures: [CategoryStore.notFound])
    ) { call, context in
      Reply(try await categories.rename(call.path.id, to: call.body.name, until: context.deadline))
    }
    api.on(
      APIOperation(
        .delete, "/api/categories/{id}", id: "deleteCategory", "Delete a category that no deck has", tag: Self.tag,
        access: .manager, path: IDPath.self, success: .empty(.noContent, "It is gone."),
        failures: [CategoryStore.notFound, CategoryStore.inUse])
    ) { call, context in
      try await categories.delete(call.path.id, until: context.deadline)
      return Reply()
    }
  }
}

extension Category {
  static let representation = Representation<Category>.object(
    "Category", [.init("id", .id) { $0.id }, .init("slug", .text) { $0.slug }, .init("name", .text) { $0.name }])
}

struct NewCategory: RequestObject {
  struct Fields: FieldSet {
    let slug = Field("slug", .text(1...50, .slug))
    let name = Field("name", .text(1...100, .notBlank))
  }

  let slug: String
  let name: String

  init(_ given: Given<Fields>) {
    slug = given.slug
    name = given.name
  }
}

struct CategoryChange: RequestObject {
  struct Fields: FieldSet {
    let name = Field("name", .text(1...100, .notBlank))
  }

  let name: String

  init(_ given: Given<Fields>) {
    name = given.name
  }
}

extension TextRule {
  /// As addresses have it.
  static let slug = TextRule(
    pattern: "^[a-z0-9]+(-[a-z0-9]+)*$", demand: "must be small letters and digits, with single hyphens between them"
  ) { $0.wholeMatch(of: /[a-z0-9]+(-[a-z0-9]+)*/) != nil }
}
