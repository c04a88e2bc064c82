namespace NetworkProtocol.Cli;

/// <summary>What scripts decide by.</summary>
internal static class ExitCodes
{
    public const int Good = 0;
    public const int Failed = 1;
    public const int Usage = 2;
}
