using System.Diagnostics.Metrics;
using Microsoft.Extensions.Time.Testing;
using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub;
using NetworkProtocol.Hub.Sqlite;
using NetworkProtocol.Hub.Storage;

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

    [Fact]
    public void Late_data_and_retention_in_one_transaction_leave_one_row_for_each_start()
    {
        using var session = new SqliteSession(DataFile.OpenWriter(), StoreLimits.Of(Options), new SqliteForwardProgress());
        Do(() => session.Greet("", new Hello("edge", Lane.Bulk, 1, 1, null), Now));
        Do(() => Append(session, 1, 600));
        Do(() =>
        {
            Append(session, 2, 60); // late: its minute is closed
            session.DeleteRollups(1, Resolution.Minute, Now, 1000);
        });
        Do(() => Append(session, 3, 60));
        using var connection = DataFile.OpenReader();
        var rollups = SqliteQueries.Rollups(1, Resolution.Minute, default, new HubQuery(HubQuery.MaxSize))(connection).Items;
        Assert.Equal(new Rollup(Batches.Start.AddMinutes(1), 1, 3, 3, 3, 3), Assert.Single(rollups));
        DataFile.CloseReaders();

        void Do(Action work)
        {
            session.Begin();
            work();
            session.Commit();
        }
    }

    [Fact]
    public void Declared_losses_add_up_to_the_largest_number_at_most()
    {
        using var session = new SqliteSession(DataFile.OpenWriter(), StoreLimits.Of(Options), new SqliteForwardProgress());
        session.Begin();
        for (var epoch = 1; epoch <= 6; epoch++)
        {
            session.Greet("", new Hello("edge", Lane.Bulk, epoch, 1, null), Now);
            var batch = new Batch("edge", Lane.Bulk, epoch, 1, [], [new Loss(1, Batch.MaxNumber - 2, LossReason.Full)]);
            session.Append("", new PreparedBatch(batch, Now), Now);
        }

        Assert.Equal(long.MaxValue, session.Counts.Lost);
        session.Commit();
        var meters = TestMeters.Create();
        var metrics = new HubMetrics(meters, _time);
        metrics.Committed(TimeSpan.Zero, session.Counts, 1);
        metrics.Committed(TimeSpan.Zero, session.Counts, 1);
        var lost = 0L;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, own) =>
            {
                if (instrument.Meter.Scope == meters && instrument.Name == "networkprotocol.hub.lost")
                {
                    own.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => lost = value);
        listener.Start();
        listener.RecordObservableInstruments();
        Assert.Equal(long.MaxValue, lost);
    }

    [Fact]
    public async Task A_query_that_runs_while_the_store_closes_comes_to_its_end()
    {
        DataFile.OpenWriter().Dispose();
        var reader = new SqliteReader(DataFile);
        using var begun = new SemaphoreSlim(0);
        using var end = new ManualResetEventSlim();
        var query = reader.ReadAsync(
            _ =>
            {
                begun.Release();
                end.Wait();
                return 5;
            },
            default);
        await begun.WaitAsync();
        var closing = reader.DisposeAsync().AsTask();
        end.Set();
        Assert.Equal(5, await query);
        await closing;
        await Assert.ThrowsAsync<HubStoreException>(() => reader.ReadAsync(_ => 5, default));
    }

    private void Append(SqliteSession session, long sequence, int second)
    {
        var message = Batches.Message(sequence, $"{sequence}") with { Time = Batches.Start.AddSeconds(second).ToUnixTimeMilliseconds() };
        session.Append("", new PreparedBatch(new Batch("edge", Lane.Bulk, 1, sequence, [message], []), Now), Now);
    }
}
