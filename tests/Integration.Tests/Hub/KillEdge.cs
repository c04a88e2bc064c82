using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub;

namespace Integration.Tests.Hub;

/// <summary>An edge that reaches any of the hub nodes, and sends a batch again until one has answered that it is stored.</summary>
internal sealed class KillEdge(string name, IHubStore[] nodes)
{
    private const int Size = 50;

    private readonly Random _random = new(name.GetHashCode(StringComparison.Ordinal));
    private long _acknowledged;

    public string Name => name;

    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    public async Task SendAsync(CancellationToken cancellationToken)
    {
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        var hasGreeted = false;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var node = nodes[_random.Next(nodes.Length)];
                if (!hasGreeted)
                {
                    await node.HelloAsync("", new Hello(name, Lane.Bulk, 1, 1, null), CancellationToken.None);
                    hasGreeted = true;
                }

                var answer = await node.AppendAsync("", Batches.Of(1, Acknowledged + 1, Size, source: name), CancellationToken.None);
                Assert.Equal(AppendStatus.Stored, answer.Status);
                Interlocked.Exchange(ref _acknowledged, answer.Mark);
            }
            catch (HubStoreException e)
            {
                Assert.True(e.IsTemporary, e.Message);
                await again.WaitForNextTickAsync(CancellationToken.None);
            }
        }
    }
}
