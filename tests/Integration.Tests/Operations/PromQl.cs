using System.Text.RegularExpressions;

namespace Integration.Tests.Operations;

/// <summary>The contents of PromQL expressions.</summary>
internal static partial class PromQl
{
    private static readonly string[] Operators = ["and", "or", "unless", "bool", "offset"];

    /// <summary>The metrics that an expression names.</summary>
    public static IEnumerable<string> MetricsIn(string expression)
    {
        var bare = Matching().Replace(Brackets().Replace(Text().Replace(expression, "\"\""), ""), " ");
        return Name().Matches(bare).Select(match => match.Value).Except(Operators);
    }

    [GeneratedRegex("\"[^\"]*\"")]
    private static partial Regex Text();

    [GeneratedRegex(@"\{[^}]*\}|\[[^\]]*\]")]
    private static partial Regex Brackets();

    [GeneratedRegex(@"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)")]
    private static partial Regex Matching();

    [GeneratedRegex(@"(?<![\w:$])[a-zA-Z_:][\w:]*(?![\w:]|\s*\()")]
    private static partial Regex Name();
}
