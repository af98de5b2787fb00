public import Routing
import Transports
public import TreeBuilder

extension PlanIdentity {
    /// The identity of a plan: a hash of what it decides.
    public init(_ plan: Plan) {
        self.init(id: ContentHash.hexadecimal(of: plan.decisions.utf8), epoch: plan.epoch)
    }
}
