namespace NetworkProtocol.Web;

/// <summary>Lines for whoever has started the program, who may have closed its output, or filled the disk that it goes to.</summary>
internal static class Printed
{
    /// <summary>Whether an error says that nobody can read what was written. The second is what .NET makes of a closed descriptor.</summary>
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
