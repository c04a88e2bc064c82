using NetworkProtocol.Admin;
using NetworkProtocol.Client;
using NetworkProtocol.Web.Upstreams;

namespace NetworkProtocol.Web.Node;

/// <summary>Lists, isolates and resets the circuit breakers of this node.</summary>
internal sealed class NodeBreakers(BreakerBoard breakers)
{
    public IReadOnlyList<BreakerRow> List() =>
        [.. breakers.All.OrderBy(breaker => breaker.Name, StringComparer.Ordinal).Select(RowFactory.Of)];

    public IReadOnlyList<string> NotClosed() =>
        [.. breakers.All.Where(breaker => breaker.State != BreakerState.Closed).Select(breaker => breaker.Name)];

    public Task<Outcome> IsolateAsync(string name) =>
        ActAsync(name, breaker => breaker.IsolateAsync(), $"{name} is isolated until it is reset.");

    public Task<Outcome> ResetAsync(string name) => ActAsync(name, breaker => breaker.ResetAsync(), $"{name} is closed.");

    private async Task<Outcome> ActAsync(string name, Func<CircuitBreaker, Task> act, string done)
    {
        if (breakers.Find(name) is not { } breaker)
        {
            return Outcome.NotFound($"There is no breaker '{name}'.");
        }

        await act(breaker);
        return Outcome.Done(done);
    }
}
