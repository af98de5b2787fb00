/// A word, number, operator or bracket of a filter.
struct FilterToken: Equatable {
    var text: String
    /// Counted in characters from 0.
    var offset: Int

    static func tokens(of text: String) throws(FilterError) -> [FilterToken] {
        let characters = Array(text)
        var tokens: [FilterToken] = []
        var index = 0
        while index < characters.count {
            let start = index
            let character = characters[index]
            if character.isWhitespace {
                index += 1
                continue
            }
            if isWord(character) {
                while index < characters.count, isWord(characters[index]),
                    !isRange(characters, index)
                {
                    index += 1
                }
                // Two dots that begin it stand for themselves.
                if index == start { index += 2 }
            } else if let count = operatorCount(characters, index) {
                index += count
            } else {
                throw FilterError(
                    text: text,
                    offset: start,
                    problem: "“\(character)” has no meaning in a filter"
                )
            }
            tokens.append(FilterToken(text: String(characters[start..<index]), offset: start))
        }
        return tokens
    }

    /// Names, numbers, addresses, networks and times.
    private static func isWord(_ character: Character) -> Bool {
        character.isASCII
            && (character.isLetter || character.isNumber || "._-:/+".contains(character))
    }

    private static func isRange(_ characters: [Character], _ index: Int) -> Bool {
        index + 1 < characters.count && characters[index] == "." && characters[index + 1] == "."
    }

    private static func operatorCount(_ characters: [Character], _ index: Int) -> Int? {
        if index + 1 < characters.count,
            ["==", "!=", "<=", ">=", "&&", "||"].contains(
                String(characters[index...(index + 1)])
            )
        {
            return 2
        }
        return "=<>!()[]{},".contains(characters[index]) ? 1 : nil
    }
}
