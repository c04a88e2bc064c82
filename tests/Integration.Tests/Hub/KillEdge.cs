using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub;

namespace Integration.Tests.Hub;

/// <summary>An edge that reaches any of the hub nodes, and sends a batch again until one has answered that it is stored.</summary>
/// <param name="name">The source.</param>
/// <param name="nodes">The nodes.</param>
/// <param name="lane">The lane.</param>
/// <param name="pace">The time between two batches; null: none.</param>
internal sealed class KillEdge(string name, IHubStore[] nodes, Lane lane = Lane.Bulk, TimeSpan? pace = null)
{
    private const int Size = 50;

    private readonly Random _random = new(name.GetHashCode(StringComparison.Ordinal));
    private long _acknowledged;

    public string Name => name;

    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    public async Task SendAsync(CancellationToken cancellationToken)
    {
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        using var next = new PeriodicTimer(pace ?? TimeSpan.FromMilliseconds(1));
        var hasGreeted = false;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var node = nodes[_random.Next(nodes.Length)];
                if (!hasGreeted)
                {
                    await node.HelloAsync("", new Hello(name, lane, 1, 1, null), CancellationToken.None);
                    hasGreeted = true;
                }

                var batch = Batches.Of(1, Acknowledged + 1, Size, source: name) with { Lane = lane };
                var answer = await node.AppendAsync("", batch, CancellationToken.None);
                Assert.Equal(AppendStatus.Stored, answer.Status);
                Interlocked.Exchange(ref _acknowledged, answer.Mark);
                await (pace is null ? ValueTask.FromResult(true) : next.WaitForNextTickAsync(CancellationToken.None));
            }
            catch (HubStoreException e)
            {
                Assert.True(e.IsTemporary, e.Message);
                await again.WaitForNextTickAsync(CancellationToken.None);
            }
        }
    }
}
