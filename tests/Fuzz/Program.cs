using CsCheck;
using Fuzz;

// Fuzz [DURATION [CORPUS [TARGET...]]]: runs all targets or the named ones, each for its share of the time, and saves new inputs in the
// corpus folder, if there is one.
var duration = args.Length > 0 ? TimeSpan.Parse(args[0], System.Globalization.CultureInfo.InvariantCulture) : TimeSpan.FromMinutes(10);
var save = args.Length > 1;
var root = save ? args[1] : AppContext.BaseDirectory;
var names = args.Length > 2 ? args[2..] : [.. Targets.All.Keys];
if (names.Except(Targets.All.Keys).FirstOrDefault() is { } unknown)
{
    Console.Error.WriteLine($"There is no target {unknown}; there are {string.Join(", ", Targets.All.Keys)}.");
    return 2;
}

foreach (var name in names)
{
    var target = Targets.All[name];
    var directory = Corpus.DirectoryOf(root, name);
    Directory.CreateDirectory(directory);
    var corpus = new Corpus(directory);
    foreach (var input in Corpus.Load(directory).Concat(Seeds.For(name)))
    {
        corpus.Keep(input, target(input), save);
    }

    var tried = 0L;
    corpus.Mutants().Sample(
        input =>
        {
            Interlocked.Increment(ref tried);
            corpus.Keep(input, target(input), save);
        },
        time: (int)(duration.TotalSeconds / names.Length),
        print: input => Convert.ToHexString(input));
    Console.WriteLine($"{name}: {tried:#,0} inputs, {corpus.Count} kinds of outcome, nothing broken");
}

return 0;
