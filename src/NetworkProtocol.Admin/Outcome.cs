namespace NetworkProtocol.Admin;

/// <summary>The outcome of an operator's action, with a text for people.</summary>
/// <param name="Kind">The kind of outcome.</param>
/// <param name="Text">What happened; after an error, what is wrong and what is right.</param>
/// <param name="Count">The number of objects that the action affected, for example connections.</param>
public sealed record Outcome(OutcomeKind Kind, string Text, int Count = 0)
{
    /// <summary>The secret of a new token, which is shown once and stored nowhere; null for all other actions.</summary>
    public string? Secret { get; init; }

    /// <summary>Whether the action was done.</summary>
    public bool IsDone => Kind == OutcomeKind.Done;

    /// <summary>The action was done.</summary>
    /// <param name="text">What was done.</param>
    /// <param name="count">The number of objects that the action affected.</param>
    public static Outcome Done(string text, int count = 0) => new(OutcomeKind.Done, text, count);

    /// <summary>The object of the action does not exist.</summary>
    /// <param name="text">Which object does not exist.</param>
    public static Outcome NotFound(string text) => new(OutcomeKind.NotFound, text);

    /// <summary>A value in the request is not valid.</summary>
    /// <param name="text">What is wrong, and what is right.</param>
    public static Outcome Invalid(string text) => new(OutcomeKind.Invalid, text);

    /// <summary>The node's current state does not allow the action.</summary>
    /// <param name="text">The reason.</param>
    public static Outcome Conflict(string text) => new(OutcomeKind.Conflict, text);
}
