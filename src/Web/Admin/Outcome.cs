namespace NetworkProtocol.Web.Admin;

/// <summary>How something that an operator asked for ended.</summary>
internal enum OutcomeKind
{
    Done,
    NotAllowed,
    NotFound,
    Invalid,
    Conflict,
    Failed,
}

/// <summary>How something that an operator asked for ended, in words for people.</summary>
/// <param name="Kind">The kind of end.</param>
/// <param name="Text">What happened; of what went wrong, also what would be right.</param>
/// <param name="Count">How many it concerned.</param>
internal sealed record Outcome(OutcomeKind Kind, string Text, int Count = 0)
{
    /// <summary>A secret that is shown once and nowhere kept.</summary>
    public string? Secret { get; init; }

    public bool IsDone => Kind == OutcomeKind.Done;

    public static Outcome Done(string text, int count = 0) => new(OutcomeKind.Done, text, count);

    public static Outcome NotFound(string text) => new(OutcomeKind.NotFound, text);

    public static Outcome Invalid(string text) => new(OutcomeKind.Invalid, text);

    public static Outcome Conflict(string text) => new(OutcomeKind.Conflict, text);
}
