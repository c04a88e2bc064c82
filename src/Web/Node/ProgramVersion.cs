namespace NetworkProtocol.Web.Node;

/// <summary>The version of the running program, as <c>1.2.3</c>.</summary>
internal static class ProgramVersion
{
    public static string Text { get; } = typeof(ProgramVersion).Assembly.GetName().Version!.ToString(3);
}
