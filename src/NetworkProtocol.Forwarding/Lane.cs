namespace NetworkProtocol.Forwarding;

/// <summary>
/// The lane of a message. Each lane of a source has a sequence of its own, so that an alarm does not wait behind a backlog of bulk data.
/// </summary>
public enum Lane
{
    /// <summary>Measurements and everything else that may wait.</summary>
    Bulk = 0,

    /// <summary>Messages that must not wait behind a backlog.</summary>
    Alarm = 1,
}
