using Microsoft.Extensions.Time.Testing;
using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub;
using NetworkProtocol.Hub.Sqlite;

namespace Integration.Tests.Hub;

/// <summary>What shares a transaction, and what a transaction may hold.</summary>
public sealed class SqliteWriterTests : IDisposable
{
    private static readonly HubOptions Options = new();

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hub");
    private readonly FakeTimeProvider _time = new(Batches.Start.AddDays(40));

    private SqliteFile DataFile => new(Path.Combine(_folder.FullName, "hub.db"));

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(1000, 5, 1)]
    [InlineData(3000, 3, 3)]
    [InlineData(2000, 4, 2)]
    [InlineData(9000, 2, 2)]
    public async Task Work_shares_a_transaction_while_it_is_not_too_much(int weight, int count, int transactions)
    {
        await using var writer = new SqliteWriter(DataFile, StoreLimits.Of(Options), new HubMetrics(TestMeters.Create(), _time), _time);
        using var begun = new SemaphoreSlim(0);
        using var end = new ManualResetEventSlim();
        var before = writer.DoAsync(
            session =>
            {
                begun.Release();
                end.Wait();
                return session.Counts;
            },
            1,
            default);
        await begun.WaitAsync();
        var works = Enumerable.Range(0, count).Select(_ => writer.DoAsync(session => session.Counts, weight, default)).ToArray();
        end.Set();
        await before;
        Assert.Equal(transactions, (await Task.WhenAll(works)).Distinct().Count()); // each transaction has counts of its own
    }

    [Fact]
    public void A_batch_weighs_as_much_as_its_values()
    {
        var batch = Batches.OfTexts(1, "1", "open", "{}", "[{\"v\":1}]", "{\"a\":1,\"b\":2,\"c\":3,\"d\":\"x\"}");
        Assert.Equal(1 + 1 + 1 + 1 + 4, new PreparedBatch(batch, Now).Weight);
    }

    private void Append(SqliteSession session, long sequence, int second)
    {
        var message = Batches.Message(sequence, $"{sequence}") with { Time = Batches.Start.AddSeconds(second).ToUnixTimeMilliseconds() };
        session.Append("", new PreparedBatch(new Batch("edge", Lane.Bulk, 1, sequence, [message], []), Now), Now);
    }
}
