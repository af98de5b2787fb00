import ArgumentParser

/// For whom a result is printed.
enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
    /// For a person.
    case text
    /// For a program: keys are sorted, so that the same result is the same bytes.
    case json
}
