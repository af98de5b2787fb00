import Dissection
import InspectionReports
import Inspector

/// A capture is read and reported.
enum Captures {
    static func report(_ octets: [UInt8]) -> String {
        let reader = CaptureReader()
        let inspection = Inspection()
        let capture = inspection.beginCapture("trouble.pcapng")
        octets.withUnsafeBytes { chunk in
            reader.read(chunk, isLast: true) { inspection.handle($0, of: capture) }
        }
        inspection.update(reader.contents, of: capture)
        let report = inspection.finish()
        for finding in report.findings { print(finding.text) }
        return ReportText.render(report)
    }

    /// Which interfaces belong together.
    static func places(_ octets: [UInt8]) -> CapturePlaces {
        let reader = CaptureReader()
        var survey = PlaceSurvey()
        octets.withUnsafeBytes { reader.handle($0) }
        reader.handleEnd()
        while !survey.isDone, let packet = reader.nextPacket() { survey.handle(packet) }
        return survey.places
    }
}
