using System.Text.Json;
using NetworkProtocol.Client;
using Prometheus;

namespace NetworkProtocol.Web.Upstreams;

/// <summary>Collects all circuit breakers of the process, and maintains their metrics.</summary>
internal sealed class BreakerBoard
{
    private static readonly Gauge State = Metrics.CreateGauge("breaker_state", "0 closed, 1 half-open, 2 open, 3 isolated.", "name");
    private static readonly Counter Transitions = Metrics.CreateCounter(
        "breaker_transitions_total", "Changes of a breaker's state.", "name", "to");

    private readonly List<CircuitBreaker> _all = [];

    public IReadOnlyList<CircuitBreaker> All => _all;

    public CircuitBreaker? Find(string name) => _all.Find(breaker => breaker.Name == name);

    /// <summary>Adds the breakers of a client. Called only before the program starts, so the list needs no lock.</summary>
    public void Add(ProtocolClient client)
    {
        foreach (var breaker in client.Breakers)
        {
            _all.Add(breaker);
            State.WithLabels(breaker.Name).Set((int)breaker.State);
            foreach (var to in Enum.GetValues<BreakerState>())
            {
                Transitions.WithLabels(breaker.Name, Name(to)); // starts at 0, so that rate() sees the first transition
            }

            breaker.Changed += (_, change) =>
            {
                State.WithLabels(breaker.Name).Set((int)breaker.State);
                Transitions.WithLabels(breaker.Name, Name(change.To)).Inc();
            };
        }
    }

    private static string Name(BreakerState state) => JsonNamingPolicy.SnakeCaseLower.ConvertName(state.ToString());
}
