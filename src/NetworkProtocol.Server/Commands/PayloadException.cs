namespace NetworkProtocol.Server.Commands;

/// <summary>A payload is not what a command takes. The client is answered with <c>ERROR</c> and this message.</summary>
public sealed class PayloadException : FormatException
{
    /// <summary>Makes one without a message.</summary>
    public PayloadException()
    {
    }

    /// <param name="message">What is wrong, and what would be right.</param>
    public PayloadException(string message)
        : base(message)
    {
    }

    /// <param name="message">What is wrong, and what would be right.</param>
    /// <param name="innerException">What found it.</param>
    public PayloadException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
