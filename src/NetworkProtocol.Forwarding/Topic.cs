using System.Text;

namespace NetworkProtocol.Forwarding;

/// <summary>The rules for a topic: 1 to 256 bytes of UTF-8, <c>/</c> between its levels, no control characters.</summary>
public static class Topic
{
    /// <summary>The largest length in bytes of UTF-8.</summary>
    public const int MaxBytes = 256;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>What is wrong with a topic; null if nothing is.</summary>
    public static string? ProblemOf(string topic)
    {
        ArgumentNullException.ThrowIfNull(topic);
        if (topic.Length is 0 or > MaxBytes)
        {
            return Length(topic.Length == 0 ? "no" : "too many");
        }

        try
        {
            return Strict.GetByteCount(topic) > MaxBytes ? Length("too many")
                : topic.Any(char.IsControl) ? "The topic has a control character; use letters, digits and / between levels."
                : null;
        }
        catch (EncoderFallbackException)
        {
            return "The topic is not text: it has half of a surrogate pair.";
        }
    }

    private static string Length(string found) => $"The topic has {found} bytes; it must have 1 to {MaxBytes} bytes of UTF-8.";
}
