namespace NetworkProtocol.Web;

/// <summary>Writes lines to standard output or standard error, which may be closed or a file on a full disk.</summary>
internal static class ConsoleLine
{
    /// <summary>Whether the error is a failure of the output. .NET throws UnauthorizedAccessException for a closed descriptor.</summary>
    public static bool IsLost(Exception e) => e is IOException or UnauthorizedAccessException;

    /// <returns>Whether the line was written.</returns>
    public static async Task<bool> TryWriteAsync(TextWriter output, string line)
    {
        try
        {
            await output.WriteLineAsync(line);
            return true;
        }
        catch (Exception e) when (IsLost(e))
        {
            return false;
        }
    }
}
