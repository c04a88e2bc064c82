using Microsoft.Extensions.Time.Testing;

namespace NetworkProtocol.Client.Tests;

/// <summary>What tests of a whole client wait for, and how they move its clock.</summary>
internal static class ClientSteps
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task<List<ClientState>> WatchAsync(ProtocolClient client, int changes)
    {
        var seen = new List<ClientState>();
        await foreach (var change in client.WatchAsync())
        {
            seen.Add(change.State);
            if (seen.Count(state => state != ClientState.Idle) == changes)
            {
                break;
            }
        }

        return seen;
    }

    public static Task ChangeAsync(CircuitBreaker breaker, BreakerState state)
    {
        var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        breaker.Changed += (_, change) => _ = change.To == state && changed.TrySetResult();
        return changed.Task;
    }

    public static async Task UntilAsync(Func<bool> condition, FakeTimeProvider time, TimeSpan step)
    {
        using var deadline = new CancellationTokenSource(Patience);
        while (!condition())
        {
            deadline.Token.ThrowIfCancellationRequested();
            await AdvanceAsync(time, step);
        }
    }

    /// <summary>Advances the clock, and lets everything that waits for it run.</summary>
    public static async Task AdvanceAsync(FakeTimeProvider time, TimeSpan step)
    {
        time.Advance(step);
        for (var i = 0; i < 20; i++)
        {
            await Task.Yield();
        }
    }

    public static Message.Custom Custom(string command, string text) => new(command, System.Text.Encoding.UTF8.GetBytes(text));
}
