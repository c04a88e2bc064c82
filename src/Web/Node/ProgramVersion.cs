namespace NetworkProtocol.Web.Node;

/// <summary>The version that runs.</summary>
internal static class ProgramVersion
{
    public static string Text { get; } = typeof(ProgramVersion).Assembly.GetName().Version!.ToString(3);
}
