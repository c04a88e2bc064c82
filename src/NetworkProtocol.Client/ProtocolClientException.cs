namespace NetworkProtocol.Client;

/// <summary>The one exception of this library for what goes wrong outside of the program; <see cref="Kind"/> tells what.</summary>
public sealed class ProtocolClientException : Exception
{
    /// <summary>An error of kind <see cref="ProtocolErrorKind.Protocol"/> with a general message.</summary>
    public ProtocolClientException()
        : this(ProtocolErrorKind.Protocol, "The protocol was violated.")
    {
    }

    /// <summary>An error of kind <see cref="ProtocolErrorKind.Protocol"/>.</summary>
    /// <param name="message">One sentence for a person.</param>
    public ProtocolClientException(string message)
        : this(ProtocolErrorKind.Protocol, message)
    {
    }

    /// <summary>An error of kind <see cref="ProtocolErrorKind.Protocol"/>.</summary>
    /// <param name="message">One sentence for a person.</param>
    /// <param name="innerException">The cause; null if there is none.</param>
    public ProtocolClientException(string message, Exception? innerException)
        : this(ProtocolErrorKind.Protocol, message, innerException)
    {
    }

    /// <summary>An error of the given kind.</summary>
    /// <param name="kind">What kind of thing went wrong.</param>
    /// <param name="message">One sentence for a person.</param>
    /// <param name="innerException">The cause. Default null: none.</param>
    public ProtocolClientException(ProtocolErrorKind kind, string message, Exception? innerException = null)
        : base(message, innerException) => Kind = kind;

    /// <summary>What kind of thing went wrong.</summary>
    public ProtocolErrorKind Kind { get; }
}
