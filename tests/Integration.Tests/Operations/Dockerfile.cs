using System.Text.Json;
using System.Text.RegularExpressions;

namespace Integration.Tests.Operations;

/// <summary>One instruction of a Dockerfile, such as <c>COPY src/ src/</c>.</summary>
internal sealed record Instruction(string Keyword, string Text)
{
    /// <summary>The words, without flags.</summary>
    public string[] Words =>
        [.. Text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(word => !word.StartsWith("--", StringComparison.Ordinal))];

    /// <summary>The value of a flag such as <c>--from=build</c>; empty without the flag.</summary>
    public string Flag(string name) => Regex.Match(Text, $@"(^|\s)--{name}=(\S+)").Groups[2].Value;

    /// <summary>The command at the end of an instruction in the form of a JSON list.</summary>
    public string[] Command => JsonSerializer.Deserialize<string[]>(Text[Text.IndexOf('[', StringComparison.Ordinal)..])!;
}

/// <summary>The instructions of deploy/container/Dockerfile, by stage.</summary>
internal sealed partial class Dockerfile
{
    private Dockerfile(List<List<Instruction>> stages) => (Build, Image) = (stages[0], stages[1]);

    public static string Path { get; } = Repository.Deploy("container/Dockerfile");

    /// <summary>The instructions of the stage with the SDK.</summary>
    public IReadOnlyList<Instruction> Build { get; }

    /// <summary>The instructions of the stage that becomes the image.</summary>
    public IReadOnlyList<Instruction> Image { get; }

    /// <summary>The variables that the image sets.</summary>
    public Dictionary<string, string> Environment =>
        All("ENV").SelectMany(instruction => instruction.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(assignment => assignment.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);

    public static Dockerfile Read()
    {
        var lines = Continuation().Replace(File.ReadAllText(Path), " ").Split('\n')
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line.Split(' ', 2));
        List<List<Instruction>> stages = [];
        foreach (var line in lines)
        {
            if (line[0] == "FROM")
            {
                stages.Add([]);
            }

            stages[^1].Add(new Instruction(line[0], line[1].Trim()));
        }

        Assert.Equal(2, stages.Count);
        return new Dockerfile(stages);
    }

    public IEnumerable<Instruction> All(string keyword) => Image.Where(instruction => instruction.Keyword == keyword);

    public Instruction One(string keyword) => All(keyword).Single();

    [GeneratedRegex(@"\\\n\s*")]
    private static partial Regex Continuation();
}
