import Captures
import Dissection
import Foundation
import InspectionReports
import Inspector

/// Says what a capture shows, as `xylem inspect` does, and how many findings are bad:
///     CaptureReport FILE
@main struct CaptureReport {
    static func main() throws {
        guard let path = CommandLine.arguments.dropFirst().first else {
            print("usage: CaptureReport FILE")
            exit(2)
        }
        let reader = CaptureReader()
        let inspection = Inspection()
        let capture = inspection.beginCapture(path)
        let octets = try Data(contentsOf: URL(filePath: path))
        octets.withUnsafeBytes { chunk in
            reader.read(chunk, isLast: true) { inspection.handle($0, of: capture) }
        }
        inspection.update(reader.contents, of: capture)
        let report = inspection.finish()
        print(ReportText.render(report))
        print("\(report.findings.count) findings")
    }
}
