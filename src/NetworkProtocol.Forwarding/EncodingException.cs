namespace NetworkProtocol.Forwarding;

/// <summary>Bytes that are not what they should be. The message says what was wrong, and what would be right.</summary>
/// <param name="message">What was wrong, and what would be right.</param>
/// <param name="innerException">The error of the decoder, if there was one.</param>
public sealed class EncodingException(string message, Exception? innerException = null) : Exception(message, innerException);
