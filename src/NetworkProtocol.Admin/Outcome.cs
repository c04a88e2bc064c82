namespace NetworkProtocol.Admin;

/// <summary>How something that an operator asked for ended, in words for people.</summary>
/// <param name="Kind">How it ended.</param>
/// <param name="Text">What happened; where something was wrong, also what would be right.</param>
/// <param name="Count">How many things the change concerned, as connections.</param>
public sealed record Outcome(OutcomeKind Kind, string Text, int Count = 0)
{
    /// <summary>A secret that is shown once and kept nowhere; null for all but a new token.</summary>
    public string? Secret { get; init; }

    /// <summary>Whether it was done.</summary>
    public bool IsDone => Kind == OutcomeKind.Done;

    /// <summary>It was done.</summary>
    /// <param name="text">What was done.</param>
    /// <param name="count">How many things it concerned.</param>
    public static Outcome Done(string text, int count = 0) => new(OutcomeKind.Done, text, count);

    /// <summary>There is no such object.</summary>
    /// <param name="text">What there is not.</param>
    public static Outcome NotFound(string text) => new(OutcomeKind.NotFound, text);

    /// <summary>A value is wrong.</summary>
    /// <param name="text">What is wrong, and what would be right.</param>
    public static Outcome Invalid(string text) => new(OutcomeKind.Invalid, text);

    /// <summary>The node's state does not allow it now.</summary>
    /// <param name="text">Why.</param>
    public static Outcome Conflict(string text) => new(OutcomeKind.Conflict, text);
}
