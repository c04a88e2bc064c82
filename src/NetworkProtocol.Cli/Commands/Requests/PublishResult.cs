using NetworkProtocol.Client;

namespace NetworkProtocol.Cli.Commands.Requests;

/// <summary>What <see cref="PublishRun"/> has published.</summary>
/// <param name="Accepted">How many lines the edge has accepted: they are durable.</param>
/// <param name="Refused">How many lines it has refused, or were no publication.</param>
/// <param name="LastSequence">The sequence number of the last accepted line; null without one.</param>
/// <param name="Problem">Why not all lines were published; null if they were.</param>
internal sealed record PublishResult(long Accepted, long Refused, long? LastSequence, ProtocolClientException? Problem)
{
    /// <summary>One line for a person.</summary>
    public string Text => FormattableString.Invariant($"{Accepted} accepted, {Refused} refused")
        + (LastSequence is { } last ? FormattableString.Invariant($", the last with the number {last}") : "");

    /// <summary>The same for a script.</summary>
    public (string Name, object Value)[] Fields =>
        [("accepted", Accepted), ("refused", Refused), .. LastSequence is { } last ? [("lastSequence", last)] : ((string, object)[])[]];

    /// <exception cref="ProtocolClientException">Not all lines were published.</exception>
    public void ThrowIfIncomplete()
    {
        if (Problem is not null)
        {
            throw Problem;
        }
    }
}
