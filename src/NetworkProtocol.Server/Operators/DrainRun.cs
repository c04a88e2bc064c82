using NetworkProtocol.Server.Connections;

namespace NetworkProtocol.Server.Operators;

/// <summary>One drain, from its start until it is undone or the program stops.</summary>
internal sealed class DrainRun(int count, int perSecond, TimeSpan deadline, DateTimeOffset startedAt)
{
    private volatile int _stage = (int)DrainStage.Announced;

    public int PerSecond => perSecond;

    public TimeSpan Deadline => deadline;

    public DateTimeOffset StartedAt => startedAt;

    public DrainStage Stage
    {
        get => (DrainStage)_stage;
        set => _stage = (int)value;
    }

    public int Initial => Disconnects?.Total ?? count;

    /// <summary>Disconnects the clients at the drain's rate; null before <see cref="Begin"/>.</summary>
    public PacedDisconnect? Disconnects { get; private set; }

    /// <summary>Refuses new connections from now on, and prepares to disconnect those that are open.</summary>
    public void Begin(ConnectionRegistry registry, ServerState state, TimeProvider time)
    {
        state.Accepts = false;
        Disconnects = new PacedDisconnect(registry.Open, CloseReason.Draining, perSecond, time);
        Stage = DrainStage.Disconnecting;
    }
}
