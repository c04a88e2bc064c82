namespace NetworkProtocol.Forwarding;

/// <summary>The rules for the name of a source: 1 to 256 characters, none of them a control character.</summary>
public static class SourceName
{
    /// <summary>The largest length in characters.</summary>
    public const int MaxLength = 256;

    /// <summary>Whether a name is allowed.</summary>
    public static bool IsValid(string? name) =>
        name is { Length: >= 1 and <= MaxLength } && !name.Any(char.IsControl) && !name.Any(char.IsSurrogate);

    internal static void Check(string? name)
    {
        if (!IsValid(name))
        {
            throw new EncodingException($"The name of the source must have 1 to {MaxLength} characters and no control characters.");
        }
    }
}
