using Microsoft.Extensions.Logging;
using NetworkProtocol.Client;
using NetworkProtocol.Edge.Uplink;
using NetworkProtocol.Hub.Commands;
using NetworkProtocol.Hub.Postgres;

namespace NetworkProtocol.Hub.NextHub;

/// <summary>
/// Forwards from a database that several nodes share. One node at a time does it. The sequence numbers are in the database, too, so that
/// the next one goes on exactly where this one ends, and a node that has lost its turn without knowing can only repeat what the next hub
/// recognizes.
/// </summary>
internal sealed class SharedForwarding(
    PostgresForward source, MessageUplink uplink, ForwardTally tally, HubForwardOptions options, TimeProvider time, ILogger logger)
    : IForwarding
{
    private readonly Occasion _rollups = new(HubForwarder.Interval, time);
    private readonly Occasion _bound = new(Handover.BoundInterval, time);
    private volatile bool _isForwarding;
    private volatile bool _isOthersTurn;
    private bool _hasNotedOpen;

    public ProtocolClient Client => uplink.Client;

    public long Acknowledged => uplink.Acknowledged;

    public long Waiting => tally.Waiting;

    public ForwardTally Tally => tally;

    public IEnumerable<(string Reason, long Count)> Drops => tally.Drops(uplink.Damaged, uplink.LostByHub);

    public string? BufferError => null;

    public string? BufferShortage => null;

    public string? UplinkError => _isForwarding ? uplink.State.Error : null;

    public string WaitingText => _isForwarding ? $"{tally.Waiting} messages and rollups wait in the store"
        : _isOthersTurn ? "another node of this hub forwards"
        : "what is to be forwarded waits in the store";

    public void Start()
    {
    }

    public async Task RunAsync(Action working, CancellationToken cancellationToken)
    {
        await using var session = await source.OpenAsync(options, tally, uplink.NoteNew, cancellationToken);
        await WaitForTurnAsync(session, working, cancellationToken);
        HubLog.Forwards(logger, options.Address);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var sending = uplink.RunAsync(session, ending.Token);
        try
        {
            _isForwarding = true;
            await MoveAsync(session, working, cancellationToken);
        }
        finally
        {
            _isForwarding = false;
            await ending.CancelAsync();
            await sending;
            tally.Counted(ForwardBacklog.None); // from now on the next node counts what waits
        }
    }

    public Task StopAsync() => Task.CompletedTask;

    public ValueTask DisposeAsync() => uplink.DisposeAsync();

    private async Task WaitForTurnAsync(PostgresForwardSession session, Action working, CancellationToken cancellationToken)
    {
        try
        {
            while (!await session.TryBeginAsync(cancellationToken))
            {
                _isOthersTurn = true;
                working();
                await Task.Delay(HubForwarder.Interval, time, cancellationToken);
            }
        }
        finally
        {
            _isOthersTurn = false;
        }
    }

    private async Task MoveAsync(PostgresForwardSession session, Action working, CancellationToken cancellationToken)
    {
        if (!_hasNotedOpen && options.What.HasFlag(ForwardWhat.Rollups))
        {
            await session.NoteOpenRollupsAsync(cancellationToken);
            _hasNotedOpen = true;
        }

        var bounding = Task.CompletedTask;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            for (var hasMore = false; ;)
            {
                var stored = source.Changed; // read before the session looks, so that nothing falls between the two
                if (bounding.IsCompleted)
                {
                    await bounding;
                    bounding = _bound.IsNow() ? session.BoundAsync(ending.Token) : bounding; // beside the rest: a count may take long
                }

                if (hasMore || _rollups.IsNow())
                {
                    hasMore = await session.MoveRollupsAsync(cancellationToken);
                }

                working();
                await session.LookAgainAsync(cancellationToken); // also for what other nodes have stored, of which nobody tells this one
                if (!hasMore)
                {
                    await HubForwarder.WaitAsync(stored, time, cancellationToken);
                }
            }
        }
        finally
        {
            await ending.CancelAsync();
            await bounding.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
