namespace NetworkProtocol.Admin;

/// <summary>A request to a view of a node failed.</summary>
public sealed class NodeException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="kind">The reason; never <see cref="OutcomeKind.Done"/>.</param>
    /// <param name="message">What is wrong, and what is right.</param>
    /// <param name="inner">The cause, or null.</param>
    public NodeException(OutcomeKind kind, string message, Exception? inner = null)
        : base(message, inner) => Kind = kind;

    /// <summary>The reason.</summary>
    public OutcomeKind Kind { get; }
}
