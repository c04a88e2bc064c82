using NetworkProtocol.Client;

namespace NetworkProtocol.Hub.NextHub;

/// <summary>How what a store keeps for the next hub gets there.</summary>
internal interface IForwarding : IAsyncDisposable
{
    /// <summary>The client of the next hub.</summary>
    ProtocolClient Client { get; }

    /// <summary>How many messages the next hub has stored since the start.</summary>
    long Acknowledged { get; }

    /// <summary>How many messages wait for the next hub, rollups too.</summary>
    long Waiting { get; }

    /// <summary>What waits and where, as a sentence for an operator.</summary>
    string WaitingText { get; }

    ForwardTally Tally { get; }

    /// <summary>All that is not forwarded, by reason.</summary>
    IEnumerable<(string Reason, long Count)> Drops { get; }

    /// <summary>Why the buffer takes nothing; null if it does, or there is none.</summary>
    string? BufferError { get; }

    /// <summary>Why the buffer holds less than its settings allow; null if it does not, or there is none.</summary>
    string? BufferShortage { get; }

    /// <summary>Why the next hub takes nothing; null if it does, or this node has nothing to send.</summary>
    string? UplinkError { get; }

    /// <exception cref="IOException">The buffer's folder or file cannot be used; the message names it.</exception>
    void Start();

    /// <summary>Forwards until the token is cancelled or something fails.</summary>
    /// <param name="working">Called whenever something has succeeded.</param>
    /// <param name="cancellationToken">Ends it.</param>
    Task RunAsync(Action working, CancellationToken cancellationToken);

    Task StopAsync();
}
