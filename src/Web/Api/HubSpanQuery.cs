using NetworkProtocol.Admin;

namespace NetworkProtocol.Web.Api;

/// <summary>The query parameters of a <see cref="HubSpan"/>.</summary>
internal sealed record HubSpanQuery(string? From, string? To)
{
    public bool IsEmpty => From is null && To is null;

    /// <exception cref="NodeException">A parameter is not a time.</exception>
    public HubSpan ToSpan() => new(Read("from", From), Read("to", To));

    private static DateTimeOffset? Read(string name, string? text) => text is null ? null
        : HubTime.TryParse(text, out var time) ? time
        : throw new NodeException(OutcomeKind.Invalid, $"{name} = {PlainText.Of(text)}: must be {HubTime.Expected}.");
}
