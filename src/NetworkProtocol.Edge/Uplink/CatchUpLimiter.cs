using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Edge.Uplink;

/// <summary>
/// Limits how fast a lane sends: a backlog at <see cref="EdgeOptions.CatchUpRate"/>, and live messages as fast as they come, because each
/// new message brings the right to send one. The hub's credit limits both together.
/// </summary>
internal sealed class CatchUpLimiter(int catchUpRate, TimeProvider time)
{
    /// <summary>The rights that can be saved up: one batch, so that a pause is no license for a burst.</summary>
    private const double MaxSaved = Batch.MaxMessages;

    /// <summary>
    /// The part of a second after which a backlog's next batch may go. Larger batches would make the rate uneven, and a live message
    /// would have to wait for what the last one has taken in advance.
    /// </summary>
    private const double Interval = 0.25;

    private readonly int _least = Math.Clamp((int)(catchUpRate * Interval), 1, Batch.MaxMessages);
    private double _rights = MaxSaved;
    private double _credits = MaxSaved;
    private long _refilled = time.GetTimestamp();
    private long _published;

    /// <summary>How many messages the hub takes in one second; null: any number.</summary>
    public int? Credit { get; set; }

    /// <summary>
    /// Begins to send to a hub that takes messages again: what was published meanwhile is a backlog, and brings no rights.
    /// </summary>
    public void Begin(long published) => (_rights, _refilled, _published) = (0, time.GetTimestamp(), published);

    /// <summary>
    /// How many messages the next batch may have. It is small if the hub's credit is small: after a large batch the lane would have to be
    /// silent for long, and the hub would give its credit to others as that of an idle lane.
    /// </summary>
    public int Allowance(bool isFlushing) => Math.Min(
        isFlushing ? Batch.MaxMessages : (int)Math.Clamp(_rights, _least, Batch.MaxMessages),
        Credit is { } credit ? Math.Clamp((int)(credit * Interval), 1, Batch.MaxMessages) : Batch.MaxMessages);

    /// <summary>Takes the rights for messages that are sent now. What was taken in advance has to be waited for.</summary>
    /// <param name="messages">How many messages.</param>
    /// <param name="isFlushing">
    /// Whether an operator wants them to be sent at once, so that they need no right, but the hub's credit.
    /// </param>
    public void Spend(int messages, bool isFlushing)
    {
        _rights -= isFlushing ? 0 : messages;
        _credits -= messages;
    }

    /// <summary>How long the lane waits before it may send again.</summary>
    /// <param name="published">How many messages the sensors have published so far.</param>
    /// <param name="isFlushing">Whether an operator wants what comes next to be sent at once.</param>
    public TimeSpan Wait(long published, bool isFlushing)
    {
        var seconds = time.GetElapsedTime(_refilled).TotalSeconds;
        _refilled = time.GetTimestamp();
        _rights = Math.Min(MaxSaved, _rights + (catchUpRate * seconds) + (published - _published));
        _published = published;
        _credits = Credit is { } credit ? Math.Min(Math.Max(1, credit), _credits + (credit * seconds)) : MaxSaved;
        var wait = Math.Max(isFlushing ? 0 : -_rights / catchUpRate, Credit is { } limit ? -_credits / Math.Max(1, limit) : 0);
        return wait > 0 ? TimeSpan.FromSeconds(wait) : TimeSpan.Zero;
    }
}
