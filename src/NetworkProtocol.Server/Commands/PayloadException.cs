namespace NetworkProtocol.Server.Commands;

/// <summary>A payload is not what a command takes. The client gets <c>ERROR</c> with this message.</summary>
public sealed class PayloadException : FormatException
{
    /// <summary>Creates an exception without a message.</summary>
    public PayloadException()
    {
    }

    /// <param name="message">What is wrong, and what would be right.</param>
    public PayloadException(string message)
        : base(message)
    {
    }

    /// <param name="message">What is wrong, and what would be right.</param>
    /// <param name="innerException">The exception that found it.</param>
    public PayloadException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
