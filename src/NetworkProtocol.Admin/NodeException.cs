namespace NetworkProtocol.Admin;

/// <summary>A node has not shown what was asked for.</summary>
public sealed class NodeException : Exception
{
    /// <summary>Makes one.</summary>
    /// <param name="kind">Why; never <see cref="OutcomeKind.Done"/>.</param>
    /// <param name="message">What is wrong, and what would be right.</param>
    /// <param name="inner">What has led to it, or null.</param>
    public NodeException(OutcomeKind kind, string message, Exception? inner = null)
        : base(message, inner) => Kind = kind;

    /// <summary>Why.</summary>
    public OutcomeKind Kind { get; }
}
